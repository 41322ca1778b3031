-- What a person recognises their own sessions by; shown to them, never part of a decision.

alter table sessions add column device text check (length(device) <= 80);
comment on column sessions.device is 'a short name made from the User-Agent of the login, such as Firefox on Linux';
