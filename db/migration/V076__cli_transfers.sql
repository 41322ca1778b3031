-- Tokens for command lines, sealed to a key that only the waiting command line holds (protocol/connector-api.md §3).

create table cli_transfers (
    id         text        primary key,
    sender     text        not null,
    box        text        not null,
    expires_at timestamptz not null
);
comment on table cli_transfers is 'handed out once, or gone after five minutes; the id is the hash of the receiving key';
create index cli_transfers_by_end on cli_transfers (expires_at);
