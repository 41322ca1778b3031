-- Which connector is connected where. Written by the replica that holds the connection; what it says is true as long as it lives.

create table edge_replicas (
    id           uuid primary key,
    last_seen_at timestamptz not null
);

create table tunnel_connectors (
    tunnel_id      uuid        not null references tunnels,
    client_id      uuid        not null,
    version        text        not null,
    arch           text        not null,
    features       text[]      not null,
    expected       int         not null check (expected > 0),
    config_version int         not null default 0,
    run_at         timestamptz not null,
    seen_at        timestamptz not null,
    primary key (tunnel_id, client_id)
);
comment on column tunnel_connectors.expected is 'how many connections it keeps when all is well: the highest index it ever used and one';

create table tunnel_connections (
    id          uuid primary key,
    tunnel_id   uuid        not null,
    client_id   uuid        not null,
    conn_index  int         not null check (conn_index between 0 and 255),
    replica_id  uuid        not null references edge_replicas,
    protocol    text        not null,
    origin_ip   text        not null,
    opened_at   timestamptz not null,
    rtt_micros  bigint,
    requests    bigint      not null default 0,
    bytes_in    bigint      not null default 0,
    bytes_out   bigint      not null default 0,
    unique (tunnel_id, client_id, conn_index),
    foreign key (tunnel_id, client_id) references tunnel_connectors on delete cascade
);
create index tunnel_connections_by_replica on tunnel_connections (replica_id);

-- History. No foreign keys: it outlives what it speaks of.
create table tunnel_disconnects (
    seq           bigint primary key generated always as identity,
    connection_id uuid        not null,
    tunnel_id     uuid        not null,
    client_id     uuid        not null,
    conn_index    int         not null,
    protocol      text        not null,
    origin_ip     text        not null,
    opened_at     timestamptz not null,
    closed_at     timestamptz not null,
    reason        text        not null
);
create index tunnel_disconnects_by_tunnel on tunnel_disconnects (tunnel_id, closed_at);
create index tunnel_disconnects_by_time on tunnel_disconnects (closed_at);

-- A tunnel knows since when it is up or down, whoever adds or removes the row. The lock puts two last connections in order.
create function tunnel_connected() returns trigger language plpgsql as $$
begin
    update tunnels set conns_active_at = new.opened_at, conns_inactive_at = null
    where id = new.tunnel_id and conns_active_at is null;
    return null;
end $$;

create function tunnel_disconnected() returns trigger language plpgsql as $$
begin
    perform from tunnels where id = old.tunnel_id for no key update;
    update tunnels set conns_active_at = null, conns_inactive_at = clock_timestamp()
    where id = old.tunnel_id
      and conns_active_at is not null
      and not exists (select from tunnel_connections where tunnel_id = old.tunnel_id);
    return null;
end $$;

create function announce_tunnels() returns trigger language plpgsql as $$
begin
    perform pg_notify('sallyport_tunnels', '');
    return null;
end $$;

create trigger connected after insert on tunnel_connections for each row execute function tunnel_connected();
create trigger disconnected after delete on tunnel_connections for each row execute function tunnel_disconnected();
create trigger announce after insert or delete on tunnel_connections
    for each statement execute function announce_tunnels();
