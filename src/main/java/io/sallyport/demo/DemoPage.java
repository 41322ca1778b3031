package io.sallyport.demo;

/** The frame around the demo's own pages. */
final class DemoPage {
    private DemoPage() {}

    /** Wraps a body that is HTML already; the title is plain text of our own. */
    static String render(String title, String body) {
        return render(title, "", body);
    }

    /** The same with more in its head. */
    static String render(String title, String head, String body) {
        return """
                <!doctype html>
                <html lang="en">
                <head>
                <meta charset="utf-8">
                <meta name="viewport" content="width=device-width, initial-scale=1">
                <title>%1$s</title>
                <style>
                :root { color-scheme: light dark; --line: #8884; }
                body { font: 16px/1.55 system-ui, sans-serif; max-width: 46rem; margin: 0 auto; padding: 2.5rem 1.25rem; }
                h1 { font-size: 1.7rem; line-height: 1.2; } h2 { font-size: 1.05rem; margin-top: 2rem; }
                .lead { font-size: 1.2rem; } .pin { font: 600 2rem/1.2 ui-monospace, monospace; letter-spacing: .12em; }
                table { border-collapse: collapse; width: 100%%; font-size: .9rem; }
                th, td { text-align: left; vertical-align: top; padding: .4rem .75rem .4rem 0; border-top: 1px solid var(--line);
                  overflow-wrap: anywhere; }
                th { width: 12rem; font-weight: 500; opacity: .75; }
                article { border: 1px solid var(--line); border-radius: 10px; padding: 1rem 1.25rem; margin: 1rem 0; }
                pre { white-space: pre-wrap; font: inherit; }
                @media (max-width: 34rem) { th, td { display: block; width: auto; padding: .2rem 0; } td { border: 0; } }
                :focus-visible { outline: 3px solid; outline-offset: 2px; }
                </style>%2$s
                </head>
                <body><main><h1>%1$s</h1>%3$s</main></body>
                </html>
                """.formatted(title, head, body);
    }
}
