-- Tunnels, their configurations, and which hostname goes where.

create table tunnels (
    id                uuid primary key,
    name              text        not null,
    config_src        text        not null check (config_src in ('local', 'cloudflare')),
    secret            bytea       not null,
    deleted_at        timestamptz,
    conns_active_at   timestamptz,
    conns_inactive_at timestamptz,
    created_at        timestamptz not null,
    updated_at        timestamptz not null,
    revision          bigint      not null default 0
);
comment on column tunnels.secret is 'what a connector proves itself by, enveloped under the master key as tunnel/<id>/secret';
comment on column tunnels.deleted_at is 'a deleted tunnel stays readable, its name and hostnames are free again';
comment on column tunnels.conns_active_at is 'since when it has a connection; conns_inactive_at since when it has none any more';
create unique index tunnels_name on tunnels (name) where deleted_at is null;
create index tunnels_by_age on tunnels (created_at, id);

-- Type json, not jsonb: what an admin wrote comes back with its members in their order.
create table tunnel_configurations (
    tunnel_id  uuid        not null references tunnels,
    version    int         not null check (version > 0),
    source     text        not null check (source in ('local', 'cloudflare')),
    config     json        not null check (json_typeof(config) = 'object'),
    created_at timestamptz not null,
    primary key (tunnel_id, version)
);
comment on column tunnel_configurations.source is
    'cloudflare: written through the API and pushed to connectors; local: told by a connector, for display alone';

-- TU-02: a hostname belongs to one tunnel or to the gateway's own origins. Whoever uses it points here with its own id,
-- and the primary key lets only one id be here.
create table hostname_claims (
    hostname text primary key check (hostname = lower(hostname) and hostname <> ''),
    holder   uuid not null,
    unique (hostname, holder)
);
comment on column hostname_claims.holder is 'the tunnel, or the nil UUID for the gateway''s own origins';

create table tunnel_hostnames (
    hostname  text not null,
    tunnel_id uuid not null references tunnels,
    source    text not null check (source in ('configuration', 'dns')),
    primary key (hostname, source),
    foreign key (hostname, tunnel_id) references hostname_claims (hostname, holder)
);
create index tunnel_hostnames_by_tunnel on tunnel_hostnames (tunnel_id);

insert into hostname_claims (hostname, holder)
select distinct hostname, '00000000-0000-0000-0000-000000000000'::uuid from origins;

alter table origins
    add column holder uuid not null generated always as ('00000000-0000-0000-0000-000000000000'::uuid) stored,
    add constraint origins_hostname foreign key (hostname, holder) references hostname_claims (hostname, holder);

-- Claims come and go with their use, so that no writer can forget them. A second claim by another holder changes nothing here
-- and fails at the foreign key.
create function claim_hostname() returns trigger language plpgsql as $$
begin
    insert into hostname_claims (hostname, holder)
    values (new.hostname,
            case tg_table_name when 'origins' then '00000000-0000-0000-0000-000000000000'::uuid
                               else (to_jsonb(new) ->> 'tunnel_id')::uuid end)
    on conflict do nothing;
    return new;
end $$;

create function release_hostname() returns trigger language plpgsql as $$
begin
    delete from hostname_claims c
    where c.hostname = old.hostname
      and not exists (select from origins o where o.hostname = c.hostname)
      and not exists (select from tunnel_hostnames t where t.hostname = c.hostname);
    return null;
end $$;

create trigger claim before insert or update of hostname on origins
    for each row execute function claim_hostname();
create trigger release after delete or update of hostname on origins
    for each row execute function release_hostname();
create trigger claim before insert or update on tunnel_hostnames
    for each row execute function claim_hostname();
create trigger release after delete or update on tunnel_hostnames
    for each row execute function release_hostname();
