-- Which hostnames lead to a tunnel is asked for each tunnel that a file changes.
create index dns_records_by_tunnel on dns_records (tunnel_id) where tunnel_id is not null;
