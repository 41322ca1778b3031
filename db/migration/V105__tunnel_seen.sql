-- What went wrong last on a connection, and what a connection that is gone had carried. Empty where a replica of the release before
-- wrote the row.

alter table tunnel_connections
    add column last_error    text,
    add column last_error_at timestamptz;

alter table tunnel_disconnects
    add column requests      bigint,
    add column bytes_in      bigint,
    add column bytes_out     bigint,
    add column last_error    text,
    add column last_error_at timestamptz;
