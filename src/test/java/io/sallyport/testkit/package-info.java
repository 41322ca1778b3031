/** What tests stand on: the whole server, fake neighbours, raw sockets, fixtures. */
package io.sallyport.testkit;
