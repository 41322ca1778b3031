package io.sallyport.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PostgresProgramsTest {
    @Test
    void aFullDiskIsTheReasonAndNotTheTidyingUpAfterIt() {
        assertThat(PostgresPrograms.reason("""
                        creating configuration files ... ok
                        running bootstrap script ... 2026-11-27 19:53:07.000 UTC [7] FATAL:  could not extend file "base/1/1255": No space left on device
                        2026-11-27 19:53:07.001 UTC [7] HINT:  Check free disk space.
                        child process exited with exit code 1
                        initdb: removing data directory "/data/postgres/data.new"
                        """))
                .contains("No space left on device")
                .doesNotContain("removing");
        assertThat(PostgresPrograms.reason("initdb: error: could not create directory \"x\": No space left on device\n"
                        + "initdb: removing contents of data directory \"x\""))
                .startsWith("initdb: error: could not create directory");
    }

    @Test
    void withoutAComplaintTheLastLineIsTheReason() {
        assertThat(PostgresPrograms.reason("pg_ctl: one\npg_ctl: two")).isEqualTo("pg_ctl: two");
        assertThat(PostgresPrograms.reason("")).isEqualTo("no message");
    }
}
