-- The sessions that nobody has ended: neither one alone, nor all of its person, nor with the identity provider they came through.
create or replace view open_sessions as
select s.nonce, s.user_id, u.email, u.name, s.identity, s.idp_id, s.device, s.created_at, s.expires_at
  from sessions s join users u on u.id = s.user_id
 where s.revoked_at is null and (u.sessions_not_before is null or s.created_at > u.sessions_not_before)
   and exists (select from identity_providers p where p.id = s.idp_id);
