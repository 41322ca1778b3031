package io.sallyport.web;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import tools.jackson.databind.json.JsonMapper;

/** Wires the pages. */
@Configuration(proxyBeanMethods = false)
class WebConfiguration {
    @Bean
    Pages pages() {
        return new Pages();
    }

    @Bean
    Answers answers(Pages pages, JsonMapper json) {
        return new Answers(pages, json);
    }
}
