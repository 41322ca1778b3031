-- Rules that all writers keep and readers rely on, so that a row from elsewhere (a repair by hand, a restored table) cannot break them.

-- Without an end, the secret before a rotation would be good for ever (spec/rest-api.md §7).
alter table service_tokens
    add constraint service_tokens_grace check (previous_secret_hash is null or previous_expires_at is not null);

-- Validators must be able to see a key before it signs.
alter table signing_keys
    add constraint signing_keys_published_first check (published_at <= signs_from);

-- Only an alias leads to a tunnel; of any other record the binding would be out of sight.
alter table dns_records
    add constraint dns_records_tunnel check (tunnel_id is null or type = 'CNAME');

-- Half an address is none.
alter table edge_replicas
    add constraint edge_replicas_place check ((address is null) = (port is null));

-- Names are looked up in this form.
alter table zones
    add constraint zones_name check (name = lower(name) and name <> '');

-- Every sign-out asks whether the session was revoked before, and revocations are kept for a month.
create index revocations_by_subject on revocations (kind, subject);
