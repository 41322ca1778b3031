-- A connection is shown with the site of the replica that holds it. Until here every replica showed its own.
alter table edge_replicas add column location text;
comment on column edge_replicas.location is 'sallyport.tunnel.location; null in a replica of an earlier release';
