package io.sallyport.testkit;

import java.io.File;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.Arrays;

/** Runs the product's main class as its packaged jar does: behind a class loader that the JDK's own threads do not know. */
public final class Nested {
    private Nested() {}

    /** @param args the class path of the product, then its arguments */
    public static void main(String[] args) throws ReflectiveOperationException, MalformedURLException {
        String[] places = args[0].split(File.pathSeparator, -1);
        URL[] urls = new URL[places.length];
        for (int i = 0; i < places.length; i++) {
            urls[i] = Path.of(places[i]).toUri().toURL();
        }
        // Lives as long as the program.
        @SuppressWarnings("resource")
        ClassLoader loader = new URLClassLoader(urls, ClassLoader.getPlatformClassLoader());
        Thread.currentThread().setContextClassLoader(loader);
        loader.loadClass("io.sallyport.Sallyport")
                .getMethod("main", String[].class)
                .invoke(null, (Object) Arrays.copyOfRange(args, 1, args.length));
    }
}
