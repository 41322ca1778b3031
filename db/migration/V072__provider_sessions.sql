-- What providers call the sessions they began, so that they can end them (OpenID Connect Back-Channel Logout 1.0).
create table provider_sessions (
    nonce   text primary key references sessions on delete cascade,
    idp_id  uuid not null,
    subject text not null,
    sid     text
);
create index provider_sessions_by_subject on provider_sessions (idp_id, subject);
create index provider_sessions_by_sid on provider_sessions (idp_id, sid) where sid is not null;
