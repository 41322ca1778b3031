package io.sallyport.login;

import java.util.Optional;

/** What the hidden field of a form of ours holds: proof that this very browser was given the form. */
interface GivenForm extends Seals.Ending {
    /** Hash of the browser's CF_Session. */
    String session();

    /** The form that was posted, if it is of this type, this browser was given it, and no page of somebody else's sent it. */
    static <T extends Record & GivenForm> Optional<T> posted(Class<T> type, Visit visit, Seals seals) {
        return visit.form("form")
                .flatMap(text -> seals.open(type, text, visit.now()))
                .filter(form -> !visit.isForeignForm())
                .filter(form -> LoginSession.matching(visit, form.session()).isPresent());
    }
}
