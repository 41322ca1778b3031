-- DNS records as tools write them. A CNAME to a tunnel's name binds the hostname; all others are kept and returned, no more.
create table dns_records (
    id         uuid primary key,
    name       text        not null check (name = lower(name)),
    type       text        not null,
    content    text        not null,
    body       jsonb       not null check (jsonb_typeof(body) = 'object'),
    tunnel_id  uuid references tunnels,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    revision   bigint      not null default 0
);
comment on column dns_records.name is 'normal form; the body has it as it was written';
create unique index dns_records_alias on dns_records (name) where type = 'CNAME';
create index dns_records_by_name on dns_records (name);
create index dns_records_by_age on dns_records (created_at, id);
