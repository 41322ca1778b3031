-- What is still to be told to the DNS server (RFC 2136): for each name, what it shall lead to. A row goes when it was told.
create table dns_updates (
    name         text primary key,
    target       text,
    revision     bigint      not null generated always as identity,
    attempts     int         not null default 0,
    error        text,
    due_at       timestamptz not null,
    leased_until timestamptz
);
comment on column dns_updates.target is 'an absolute name; null: the name shall have no alias any more';
comment on column dns_updates.revision is 'a new wish has a new one, so that telling an older one does not clear it';
comment on column dns_updates.leased_until is 'one replica is telling it: two at once could arrive in the wrong order';
