-- Tokens issued for a service token die with it, wherever they are shown: a revocation names its client id. A replica of the release
-- before takes such a row for a session that nobody has.

alter table revocations drop constraint revocations_kind_check;
alter table revocations
    add constraint revocations_kind_check check (kind in ('user', 'user_refresh', 'app', 'session', 'service'));
