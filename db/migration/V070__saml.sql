-- SAML (spec/access-semantics.md §10, spec/rest-api.md §6).

create table saml_certificates (
    id          uuid primary key,
    set_id      uuid        not null,
    private_key bytea       not null,
    certificate text        not null,
    created_at  timestamptz not null,
    expires_at  timestamptz not null
);
comment on table saml_certificates is
    'keys that assertions may be encrypted for; the newest of a set is current, older ones still decrypt until they expire';
comment on column saml_certificates.private_key is 'PKCS#8, enveloped under the master key as saml/<id>';
create index saml_certificates_by_set on saml_certificates (set_id, created_at desc);

create table saml_relay_states (
    id         text primary key,
    state      text        not null,
    expires_at timestamptz not null
);
comment on table saml_relay_states is 'sealed states of logins whose redirect would be longer than the provider takes';
create index saml_relay_states_by_end on saml_relay_states (expires_at);
