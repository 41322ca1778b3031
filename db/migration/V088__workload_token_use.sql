-- Whether one token of an issuer may be exchanged once for each application, or as often as its bearer likes while it lives.

alter table workload_issuers add column single_use boolean not null default true;
comment on column workload_issuers.single_use is
    'off for issuers whose tokens are renewed seldom and shown often, such as the projected tokens of Kubernetes';
