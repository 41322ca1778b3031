-- Where the other replicas reach each one, so that a request for a tunnel goes to a replica that holds a connection of it.

alter table edge_replicas add column address text;
alter table edge_replicas add column port int check (port between 1 and 65535);
comment on column edge_replicas.address is 'address or name, without port; null when it takes no requests from other replicas';

-- The certificate authority by which replicas know each other, shared by all of them and by nobody else.
create table replica_authority (
    only_one    boolean primary key default true check (only_one),
    certificate text        not null,
    key         bytea       not null,
    created_at  timestamptz not null
);
comment on column replica_authority.key is 'PKCS#8, enveloped under the master key as replica/authority/key';
