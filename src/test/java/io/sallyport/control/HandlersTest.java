package io.sallyport.control;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

class HandlersTest {
    @Test
    @DisplayName(
            "AD-02: no handler of the admin API can run without an authenticated call, and each says what it concerns")
    void everyHandlerTakesAnAdminCall() {
        List<String> open = new ArrayList<>();
        List<String> unclear = new ArrayList<>();
        List<String> undescribed = new ArrayList<>();
        ApiShapes shapes = ApiShapes.read();
        int handlers = 0;
        for (JavaClass each : new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests())
                .importPackages("io.sallyport.control")) {
            if (!each.isAnnotatedWith(RestController.class)) {
                continue;
            }
            for (Method method : each.reflect().getDeclaredMethods()) {
                if (AnnotatedElementUtils.hasAnnotation(method, RequestMapping.class)) {
                    handlers++;
                    if (!Arrays.asList(method.getParameterTypes()).contains(AdminCall.class)) {
                        open.add(method.toString());
                    }
                    if (!shapes.knows(method)) {
                        undescribed.add(ApiShapes.key(method));
                    }
                    if (Concerns.Need.of(method, "GET") == null) {
                        unclear.add(method.toString());
                    }
                }
            }
        }
        assertThat(handlers).isGreaterThan(60);
        assertThat(open).isEmpty();
        assertThat(unclear).as("handlers without @Concerns").isEmpty();
        assertThat(undescribed)
                .as("handlers that openapi/api.yaml does not describe")
                .isEmpty();
    }
}
