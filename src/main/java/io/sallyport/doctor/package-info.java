/**
 * What an examination finds, in the words an admin reads: {@link io.sallyport.doctor.Finding} and who makes them. Knows neither who
 * asks nor how it is found out.
 */
@NullMarked
package io.sallyport.doctor;

import org.jspecify.annotations.NullMarked;
