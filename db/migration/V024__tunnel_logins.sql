-- Certificates that an admin approved and a waiting command has not fetched yet: minutes, then nobody can.
create table tunnel_logins (
    key_hash   bytea primary key check (octet_length(key_hash) = 32),
    pem        bytea       not null,
    expires_at timestamptz not null
);
comment on column tunnel_logins.key_hash is 'SHA-256 of the key that only the waiting command knows';
comment on column tunnel_logins.pem is 'enveloped under the master key as tunnel-login/<hex of key_hash>';
