-- Who may vouch for workloads: an OpenID issuer of a build system or a cluster, with the keys it publishes.

create table workload_issuers (
    id         uuid        primary key,
    name       text        not null,
    issuer     text        not null unique,
    jwks_url   text        not null,
    audience   text        not null,
    created_at timestamptz not null,
    updated_at timestamptz not null
);
comment on column workload_issuers.audience is 'what aud must hold, so that a token made for somebody else opens nothing here';
