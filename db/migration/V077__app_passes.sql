-- Credentials a person makes for a native application on one device. Each is a session of theirs, and ends as sessions do.

create table app_passes (
    id          uuid        primary key,
    nonce       text        not null unique references sessions on delete cascade,
    app_id      uuid        not null references applications on delete cascade,
    name        text        not null check (length(name) between 1 and 60),
    secret_hash bytea       not null unique check (octet_length(secret_hash) = 32)
);
comment on table app_passes is 'person, facts, times and revocation stand in the session; here is what opens it';
create index app_passes_by_app on app_passes (app_id);
