package io.sallyport.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.snapshot.Application.CookieSettings;
import io.sallyport.snapshot.Application.SameSite;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class SessionCookieTest {
    private final World world = new World();

    @Test
    @DisplayName("CS-01 the application cookie is as the application says, Secure, host-only, and carries Expires")
    void applicationWhenWrittenThenAttributesFollowTheSettings() {
        assertThat(SessionCookie.application(world.application(), "a.b.c", World.NOW))
                .isEqualTo("CF_Authorization=a.b.c; Path=/; Expires=Wed, 25 Nov 2026 10:00:00 GMT; Secure; HttpOnly;"
                        + " SameSite=None");
        world.cookies = new CookieSettings(false, SameSite.LAX, false, true, "/docs");
        assertThat(SessionCookie.application(world.application(), "a.b.c", World.NOW))
                .isEqualTo("CF_Authorization=a.b.c; Path=/docs; Expires=Wed, 25 Nov 2026 10:00:00 GMT; Secure;"
                        + " SameSite=Lax");
        assertThat(SessionCookie.binding(world.application(), "v", World.NOW))
                .isEqualTo("CF_Binding=v; Path=/docs; Expires=Wed, 25 Nov 2026 10:00:00 GMT; Secure; HttpOnly;"
                        + " SameSite=None");
    }

    @Test
    @DisplayName("CS-01 every other cookie has the attributes it needs")
    void othersWhenWrittenThenWithTheirAttributes() {
        assertThat(SessionCookie.global("t", World.NOW))
                .isEqualTo("CF_Authorization=t; Path=/; Expires=Wed, 25 Nov 2026 10:00:00 GMT; Secure; HttpOnly;"
                        + " SameSite=None");
        assertThat(SessionCookie.loginSession("s", World.NOW))
                .isEqualTo("CF_Session=s; Path=/; Expires=Wed, 25 Nov 2026 14:00:00 GMT; Secure; HttpOnly;"
                        + " SameSite=None");
        assertThat(SessionCookie.appSession("s", World.NOW))
                .isEqualTo("CF_AppSession=s; Path=/; Expires=Thu, 26 Nov 2026 10:00:00 GMT; Secure; HttpOnly;"
                        + " SameSite=None");
        assertThat(SessionCookie.device("d", World.NOW))
                .isEqualTo("CF_Device=d; Path=/; Expires=Fri, 25 Dec 2026 10:00:00 GMT; Secure; HttpOnly;"
                        + " SameSite=Strict");
        assertThat(SessionCookie.cleared("CF_Authorization", "/docs"))
                .isEqualTo("CF_Authorization=; Path=/docs; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Secure; HttpOnly;"
                        + " SameSite=None");
    }

    @Test
    @DisplayName("CS-01 a path cannot smuggle an attribute in")
    void applicationWhenThePathIsOddThenTheWholeHost() {
        world.cookies = new CookieSettings(true, SameSite.NONE, false, true, "/a; Domain=example.com");

        assertThat(SessionCookie.application(world.application(), "t", World.NOW))
                .contains("; Path=/;")
                .doesNotContain("Domain");
    }

    @Test
    @DisplayName("CS-03 values have 256 random bits")
    void randomValueWhenMadeThenLongAndNew() {
        assertThat(SessionCookie.randomValue()).hasSize(43).isNotEqualTo(SessionCookie.randomValue());
    }
}
