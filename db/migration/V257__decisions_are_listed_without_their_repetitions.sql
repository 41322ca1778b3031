-- Lists show the first of equal decisions only. By the index of all of them, a list without a filter looked at every repetition between
-- two entries, and at the table for each.
create index decisions_listed on decisions (at desc, seq desc) where same_as is null;
