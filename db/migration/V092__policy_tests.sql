-- What came out when policies were tried on everybody (spec/rest-api.md §4.1), for a day: asked for by id, maybe of another replica.
create table policy_tests (
    id         uuid primary key,
    created_at timestamptz not null,
    users      jsonb       not null check (jsonb_typeof(users) = 'array')
);
create index policy_tests_by_age on policy_tests (created_at);
