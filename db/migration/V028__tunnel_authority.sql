-- The certificate authority of the tunnel listeners, shared by all replicas.

create table tunnel_authority (
    only_one    boolean primary key default true check (only_one),
    certificate text        not null,
    key         bytea       not null,
    created_at  timestamptz not null
);
comment on column tunnel_authority.key is 'PKCS#8, enveloped under the master key as tunnel/authority/key';
