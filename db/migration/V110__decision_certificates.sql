-- The client certificate a decision looked at: what policies see of it, and which one it was.
alter table decisions
    add column certificate_name       text,
    add column certificate_thumbprint text;
comment on column decisions.certificate_name is 'common name of its subject, empty when it has none; null without a verified certificate';
comment on column decisions.certificate_thumbprint is 'base64url SHA-256 of its DER; empty where only the name was passed on';
