-- Never read nor written: what a directory changes about a person is a revocation of kind user_refresh.
alter table users drop column refresh_before;
