-- Tokens of the admin API get scopes and say when they were last used; the bootstrap token can be retired.
alter table admin_tokens
    add column scopes       jsonb check (jsonb_typeof(scopes) = 'object'),
    add column last_used_at timestamptz;
comment on column admin_tokens.scopes is 'resource kind to read or write, below what the role allows; null: all that the role allows';
create index admin_tokens_by_age on admin_tokens (created_at, id);

-- A new bootstrap token, which only the operator of the machine can set, is not in here and opens the API again.
create table retired_bootstrap_tokens (
    token_hash bytea primary key check (octet_length(token_hash) = 32),
    retired_at timestamptz not null
);
