package io.sallyport.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.http.HostName;
import io.sallyport.identity.Audience;
import io.sallyport.token.MasterKey;
import io.sallyport.token.Sealer;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class BrowserMarksTest {
    private static final HostName WIKI = HostName.parse("wiki.example.com").orElseThrow();
    private static final HostName OTHER = HostName.parse("other.example.com").orElseThrow();
    private static final String FINGERPRINT = SessionCookie.fingerprint("browser");

    private final BrowserMarks marks = marks("A");

    @Test
    void whatWasWrittenIsReadByEveryReplica() {
        String mark = marks.write(World.WIKI_TAG, WIKI, FINGERPRINT);

        assertThat(marks("A").read(World.WIKI_TAG, WIKI, mark)).contains(FINGERPRINT);
    }

    @Test
    @DisplayName("OI-01 a mark of another application, host or deployment, or a changed one, marks no browser")
    void whatWasNotWrittenHereForThisIsNotRead() {
        String mark = marks.write(World.WIKI_TAG, WIKI, FINGERPRINT);

        assertThat(marks.read(new Audience("cd".repeat(32)), WIKI, mark)).isEmpty();
        assertThat(marks.read(World.WIKI_TAG, OTHER, mark)).isEmpty();
        assertThat(marks("B").read(World.WIKI_TAG, WIKI, mark)).isEmpty();
        String another = SessionCookie.fingerprint("another");
        for (String forged : List.of(
                "",
                ".",
                FINGERPRINT,
                another + mark.substring(43),
                mark + "A",
                mark.substring(1),
                mark.replace('.', '_'))) {
            assertThat(marks.read(World.WIKI_TAG, WIKI, forged)).as(forged).isEmpty();
        }
    }

    private static BrowserMarks marks(String letter) {
        return new BrowserMarks(new Sealer(MasterKey.parse(letter.repeat(42) + "A=")));
    }
}
