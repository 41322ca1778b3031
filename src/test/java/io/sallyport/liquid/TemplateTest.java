package io.sallyport.liquid;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What templates can do, and everything they cannot. */
class TemplateTest {
    private static final Map<String, String> VALUES =
            Map.of("email", "ada@example.com", "app_name", "Wiki", "empty", "", "evil", "<img src=x onerror='a()'>\"`");

    private static String render(String template) throws TemplateProblem {
        return Template.parse(template).render(VALUES);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            ignoreLeadingAndTrailingWhitespace = false,
            value = {
                "Hello {{ app_name }}!~Hello Wiki!",
                "{{app_name|upcase}} {{ app_name | downcase }}~WIKI wiki",
                "{{ nobody }}.~.",
                "{{ nobody | default: 'you' | upcase }}~YOU",
                "{{ empty | default: \"none\" }}~none",
                "{{ 'a text' }}~a text",
                "{% if email %}in{% else %}out{% endif %}~in",
                "{% if nobody %}in{% else %}out{% endif %}~out",
                "{% unless nobody %}nobody{% endunless %}~nobody",
                "{% if app_name == 'Mail' %}1{% elsif app_name == 'Wiki' %}2{% else %}3{% endif %}~2",
                "{% if app_name != 'Mail' and email %}yes{% endif %}~yes",
                "{% if nobody or email %}yes{% endif %}~yes",
                "{% if nobody and nobody or email %}yes{% endif %}~''",
                "{% if email %}{% if nobody %}a{% else %}b{% endif %}c{% endif %}~bc",
                "a{% comment %}{{ email }} {% if %}{% endcomment %}b~ab",
                "{% raw %}{{ email }}{% endraw %}~{{ email }}",
                "a  {{- app_name -}}  b~aWikib",
                "a { b } {c} { {~a { b } {c} { {"
            })
    void rendersWhatLiquidWould(String template, String page) throws TemplateProblem {
        assertThat(render(template)).isEqualTo(page);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{{ evil }}",
                "{{ evil | escape }}",
                "{{ evil | upcase }}",
                "{{ evil | strip | downcase }}",
                "{{ nobody | default: '<script>' }}",
                "<a title=\"{{ evil }}\">",
                "<a title='{{ evil }}'>"
            })
    void er01NoValueBecomesMarkup(String template) throws TemplateProblem {
        String page = render(template)
                .replace("<a title=\"", "")
                .replace("<a title='", "")
                .replaceAll("[\"']>$", "");

        assertThat(page).doesNotContain("<", ">", "\"", "'", "`").contains("&lt;");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            value = {
                "{{ email~no }}",
                "{% if email~no %}",
                "{% if email %}x~if has no endif",
                "{% endif %}~ends nothing",
                "{% if email %}{% endunless %}~ends nothing",
                "{% else %}~elsif or else without an if",
                "{% if a %}{% else %}{% else %}{% endif %}~elsif or else without an if",
                "{% comment %}~no endcomment",
                "{% include 'secrets' %}~there is no tag include",
                "{% render 'page' %}~there is no tag render",
                "{% for i in (1..1000000000) %}{% endfor %}~there is no tag for",
                "{% assign a = 'b' %}~there is no tag assign",
                "{{ email | raw }}~there is no filter raw",
                "{{ email | url_encode }}~there is no filter url_encode",
                "{{ email | default: other }}~default needs a text in quotes",
                "{{ }}~is missing",
                "{{ == }}~is missing before",
                "{{ email app_name }}~something is missing before app_name",
                "{{ a[0] }}~cannot read [0]",
                "{{ 7 }}~cannot read 7",
                "{% if %}{% endif %}~is missing"
            })
    void refusesWhatItDoesNotKnow(String template, String why) {
        assertThatThrownBy(() -> Template.parse(template))
                .isInstanceOf(TemplateProblem.class)
                .hasMessageContaining(why);
    }

    @Test
    void saysInWhichLine() {
        assertThatThrownBy(() -> Template.parse("<p>\n\n{{ app_name }}\n{{ email | link }}"))
                .hasMessage("line 4: there is no filter link");
    }

    @Test
    void namesWhatItAsksFor() throws TemplateProblem {
        assertThat(Template.parse("{{ a }}{% if b == 'c' and d %}{{ e.f }}{% endif %}")
                        .names())
                .containsExactlyInAnyOrder("a", "b", "d", "e.f");
    }

    @Test
    void deepNestingIsRefusedBeforeItCouldExhaustTheStack() {
        assertThatThrownBy(() -> Template.parse("{% if a %}".repeat(100_000)))
                .hasMessageContaining("nested too deeply");
        assertThatThrownBy(() -> Template.parse("{% if a" + " and a".repeat(100_000) + " %}{% endif %}"))
                .isInstanceOf(TemplateProblem.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"{{ a }}\n", "{% if a %}{{ a }}{% endif %}", "{ ", "{{ a | upcase }}", "{% raw %}{{{% endraw %}"
            })
    void costsAsMuchAsItIsLong(String piece) throws TemplateProblem {
        String template = piece.repeat(500_000 / piece.length());
        long start = System.nanoTime();

        Template.parse(template).render(VALUES);

        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
    }

    @Test
    void er01HalfAMarkManyTimesIsRefusedAtOnce() {
        for (String bad :
                new String[] {"{{ ", "{% ", "{% comment %}{% ", "{% raw %}", "{% raw %}" + "{% a".repeat(100_000) + "%}"
                }) {
            assertThatThrownBy(() -> Template.parse(bad.repeat(1 + 500_000 / bad.length())))
                    .isInstanceOf(TemplateProblem.class);
        }
    }
}
