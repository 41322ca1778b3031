package io.sallyport.catalog;

import java.util.List;
import java.util.UUID;
import org.springframework.data.jpa.repository.JpaRepository;
import org.springframework.data.jpa.repository.JpaSpecificationExecutor;

/** DNS records. */
public interface DnsRecordRepository extends JpaRepository<DnsRecordRow, UUID>, JpaSpecificationExecutor<DnsRecordRow> {
    /** All records of a name in normal form. */
    List<DnsRecordRow> findByName(String name);

    /** The records whose names lead to a tunnel. */
    List<DnsRecordRow> findByTunnelId(UUID tunnelId);
}
