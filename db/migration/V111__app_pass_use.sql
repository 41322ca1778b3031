-- When a pass last opened its application, so that its owner sees which ones nobody needs any more.
alter table app_passes add column last_used_at timestamptz;
comment on column app_passes.last_used_at is 'written in batches, half a minute late; null until first used after this column came';
