-- Client certificate authorities (spec/rest-api.md §8) and custom pages (§12).
create table certificates (
    id          uuid primary key,
    name        text        not null,
    pem         text        not null,
    fingerprint text        not null unique,
    expires_on  timestamptz not null,
    body        jsonb       not null check (jsonb_typeof(body) = 'object'),
    created_at  timestamptz not null,
    updated_at  timestamptz not null,
    revision    bigint      not null default 0
);
create index certificates_by_age on certificates (created_at, id);

create table certificate_settings (
    id   smallint primary key default 1 check (id = 1),
    body jsonb not null default '[]' check (jsonb_typeof(body) = 'array')
);
insert into certificate_settings default values;

create table custom_pages (
    id         uuid primary key,
    name       text        not null,
    type       text        not null,
    html       text        not null,
    body       jsonb       not null check (jsonb_typeof(body) = 'object'),
    created_at timestamptz not null,
    updated_at timestamptz not null,
    revision   bigint      not null default 0
);
create index custom_pages_by_age on custom_pages (created_at, id);
