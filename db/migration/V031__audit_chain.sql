-- The trail of admin changes becomes a hash chain: each record's line names the SHA-256 of the line before it, byte for byte as
-- stored here and exported. Records from before this version stay readable and stand outside the chain.
alter table audit_log
    add column position bigint unique check (position > 0),
    add column line     text,
    add constraint audit_log_chained check ((position is null) = (line is null));
comment on column audit_log.line is 'what is hashed, exported and shown; the other columns only find it';

-- The end of the chain. Writers hold this row's lock until they commit, so records follow each other without gaps.
create table audit_head (
    id       smallint primary key default 1 check (id = 1),
    position bigint not null,
    hash     text   not null check (hash ~ '^[0-9a-f]{64}$')
);
insert into audit_head (position, hash) values (0, repeat('0', 64));

-- What we signed to be the chain's end at some time.
create table audit_checkpoints (
    position  bigint primary key,
    jws       text        not null,
    signed_at timestamptz not null
);
create trigger append_only before update or delete or truncate on audit_checkpoints
    for each statement execute function refuse_change();

create table audit_keys (
    kid         text primary key check (kid ~ '^[0-9a-f]{64}$'),
    public_key  bytea       not null,
    private_key bytea       not null,
    created_at  timestamptz not null,
    one_row     boolean     not null default true unique check (one_row)
);
comment on column audit_keys.private_key is 'PKCS#8, enveloped under the master key as audit-key/<kid>';
