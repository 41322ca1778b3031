-- Domains with a zone of their own, for clients that give names of records relative to one. The account's own zone stands for all
-- domains and is not in here.
create table zones (
    id         text primary key check (id ~ '^[0-9a-f]{32}$'),
    name       text        not null unique,
    body       jsonb       not null default '{}' check (jsonb_typeof(body) = 'object'),
    created_at timestamptz not null,
    updated_at timestamptz not null
);
comment on column zones.name is 'the domain, in lower case and Punycode';
