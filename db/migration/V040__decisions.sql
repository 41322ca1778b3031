-- What the gate decided, and why. No foreign keys: history outlives what it speaks of.
create table decisions (
    seq          bigint      not null generated always as identity unique,
    id           text        primary key,
    at           timestamptz not null,
    same_as      text,
    repeats      int         not null default 0,
    version      bigint      not null,
    app_id       uuid        not null,
    app_name     text        not null,
    app_domain   text        not null,
    outcome      text        not null check (outcome in ('allowed', 'denied', 'login_required')),
    reason       text        not null,
    policy_id    uuid,
    policy_name  text,
    session      text        not null,
    place        text        not null check (place in ('gate', 'login')),
    method       text        not null,
    host         text        not null,
    path         text        not null,
    user_id      uuid,
    email        text,
    service_id   uuid,
    client_id    text,
    service_name text,
    client       text        not null,
    country      text,
    nonce        text,
    facts        text,
    tree         jsonb,
    constraint decisions_tree check ((tree is null) = (same_as is not null))
);
comment on column decisions.id is 'the ray id of the request';
comment on column decisions.same_as is 'an equal decision shortly before, which has the tree';
comment on column decisions.version is 'of the configuration that decided';
comment on column decisions.nonce is 'names the stored identity; opens nothing';
create index decisions_by_time on decisions (at desc, seq desc);
create index decisions_by_email on decisions (email, at desc) where email is not null;
create index decisions_by_app on decisions (app_id, at desc);
