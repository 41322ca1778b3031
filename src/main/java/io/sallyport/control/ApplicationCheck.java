package io.sallyport.control;

/**
 * Checks an application against the stored configuration: everything it refers to must exist, and it must not claim a
 * host of our own.
 */
final class ApplicationCheck {
    private final References references;
    private final ReservedHosts reserved;

    ApplicationCheck(References references, ReservedHosts reserved) {
        this.references = references;
        this.reserved = reserved;
    }

    /** @throws ApiProblem naming the field, when it is not */
    void require(ApplicationDraft draft) {
        for (int i = 0; i < draft.allowedIdps().size(); i++) {
            references.requireIdp(draft.allowedIdps().get(i), "/allowed_idps/" + i);
        }
        for (int i = 0; i < draft.customPages().size(); i++) {
            references.requireCustomPage(draft.customPages().get(i), "/custom_pages/" + i);
        }
        references.requireTags(draft.tags());
        draft.patterns().forEach(pattern -> reserved.refuse(pattern, "/destinations"));
    }
}
