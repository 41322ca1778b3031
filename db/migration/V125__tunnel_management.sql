-- The key that signs tokens for what connectors say about themselves, shared by all replicas.
create table tunnel_management_key (
    only_one   boolean primary key default true check (only_one),
    public_key bytea       not null,
    key        bytea       not null,
    created_at timestamptz not null
);
comment on column tunnel_management_key.key is 'PKCS#8, enveloped under the master key as tunnel/management/key';
