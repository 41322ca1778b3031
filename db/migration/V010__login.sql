-- One-time PIN (spec/access-semantics.md §11). Addresses, browsers and codes are kept as keyed hashes only (OT-04).

create table otp_challenges (
    id          text        primary key,
    email_mac   bytea       not null,
    browser_mac bytea       not null,
    app_aud     char(64)    not null,
    pin_mac     bytea       not null,
    created_at  timestamptz not null,
    expires_at  timestamptz not null,
    attempts    int         not null default 0,
    ended_at    timestamptz,
    consumed_at timestamptz
);
comment on table otp_challenges is 'one row per code asked for, whether or not a mail was sent, so that both look alike';
comment on column otp_challenges.ended_at is 'set when a newer code for the same address and application took its place';
create index otp_challenges_open on otp_challenges (email_mac, app_aud) where consumed_at is null and ended_at is null;
create index otp_challenges_by_end on otp_challenges (expires_at);

create table otp_requests (
    bucket bytea       not null,
    at     timestamptz not null
);
comment on table otp_requests is 'codes asked for per address, source and device; counted over the last fifteen minutes (OT-03)';
create index otp_requests_by_bucket on otp_requests (bucket, at);
create index otp_requests_by_age on otp_requests (at);
