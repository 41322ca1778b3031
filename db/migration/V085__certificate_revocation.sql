-- How far client certificates of an authority must be proved not to be revoked, and the list an admin uploaded (PEM).
alter table certificates
    add column revocation text not null default 'named' check (revocation in ('named', 'required', 'soft', 'off')),
    add column crl        text;
