-- Decisions are asked for by name, domain or host of an application and by outcome, and without an index each such question read the
-- whole table. Lists show the first of equal decisions only, so the others need no entry here.
create index decisions_by_app_name on decisions (app_name) where same_as is null;
create index decisions_by_app_domain on decisions (app_domain) where same_as is null;
create index decisions_by_host on decisions (host) where same_as is null;
create index decisions_by_outcome on decisions (outcome, at desc, seq desc) where same_as is null;

-- The same for sign-ins, by application and by the id that a page shows.
create index auth_events_by_app on auth_events (app_id, at, id) where app_id is not null;
create index auth_events_by_ray on auth_events (ray);
