-- SAML metadata given by address is read again by itself, so that a provider may change its certificates.

create table saml_metadata_readings (
    idp_id      uuid primary key references identity_providers (id) on delete cascade,
    due_at      timestamptz not null,
    tried_at    timestamptz,
    read_at     timestamptz,
    changed_at  timestamptz,
    valid_until timestamptz,
    problem     text
);
comment on table saml_metadata_readings is
    'when the metadata of a provider was read, and is next; a provider with metadata_url and no row here is due';
comment on column saml_metadata_readings.due_at is 'whoever moves it on reads: one replica at a time';
comment on column saml_metadata_readings.read_at is 'the last reading that could be used';
comment on column saml_metadata_readings.changed_at is 'the last reading that changed the provider';
comment on column saml_metadata_readings.problem is 'why the last attempt could not be used; null when it could';
