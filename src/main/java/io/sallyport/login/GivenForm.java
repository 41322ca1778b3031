package io.sallyport.login;

import java.util.Optional;

/** The content of the hidden field of our forms: proof that this browser was given the form. */
interface GivenForm extends Seals.Ending {
    /** Hash of the browser's CF_Session. */
    String session();

    /** The posted form, if it has this type, was given to this browser, and was not posted by a foreign page. */
    static <T extends Record & GivenForm> Optional<T> posted(Class<T> type, Visit visit, Seals seals) {
        return visit.form("form")
                .flatMap(text -> seals.open(type, text, visit.now()))
                .filter(form -> !visit.isForeignForm())
                .filter(form -> LoginSession.matching(visit, form.session()).isPresent());
    }
}
