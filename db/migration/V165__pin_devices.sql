-- Which browsers have shown that their owner reads the mail of an address: strangers cannot use up the codes of those.

create table otp_devices (
    mac        bytea       primary key,
    expires_at timestamptz not null
);
comment on table otp_devices is 'a row per address and browser (CF_Device) in which a mailed code was entered';
comment on column otp_devices.mac is 'keyed hash of address and browser together, so that neither can be told from it';
create index otp_devices_by_end on otp_devices (expires_at);

comment on column otp_challenges.ended_at is 'set when a newer code for the same address, application and browser took its place';
comment on table otp_requests is 'codes asked for per address, source, both, and device; counted over the last fifteen minutes (OT-03)';
