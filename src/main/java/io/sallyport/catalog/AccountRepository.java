package io.sallyport.catalog;

import org.springframework.data.jpa.repository.JpaRepository;

/** The one account. */
public interface AccountRepository extends JpaRepository<AccountRow, String> {
    /** The account, which exists from the first start on. */
    default AccountRow get() {
        return findAll().getFirst();
    }
}
