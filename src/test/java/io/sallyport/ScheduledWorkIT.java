package io.sallyport;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.testkit.TestServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.springframework.scheduling.TaskScheduler;
import org.springframework.scheduling.config.ScheduledTaskHolder;

class ScheduledWorkIT {
    /** Each may wait for something that does not come: a database, a DNS server. */
    @Test
    void howeverManyTasksHangTheOthersAreDoneInTheirTime() throws InterruptedException {
        var context = TestServer.shared().context();
        TaskScheduler scheduler = context.getBean(TaskScheduler.class);
        int tasks = context.getBeansOfType(ScheduledTaskHolder.class).values().stream()
                .mapToInt(holder -> holder.getScheduledTasks().size())
                .sum();
        CountDownLatch hanging = new CountDownLatch(tasks - 1);
        CountDownLatch done = new CountDownLatch(1);
        CountDownLatch end = new CountDownLatch(1);
        List<ScheduledFuture<?>> all = new ArrayList<>();
        try {
            for (int i = 1; i < tasks; i++) {
                all.add(scheduler.scheduleWithFixedDelay(() -> hang(hanging, end), Duration.ofMinutes(1)));
            }
            all.add(scheduler.scheduleWithFixedDelay(done::countDown, Duration.ofMinutes(1)));

            assertThat(done.await(5, TimeUnit.SECONDS)).isTrue();
            assertThat(hanging.await(5, TimeUnit.SECONDS))
                    .as("all of them hang")
                    .isTrue();
        } finally {
            all.forEach(each -> each.cancel(false));
            end.countDown();
        }
    }

    private static void hang(CountDownLatch hanging, CountDownLatch end) {
        hanging.countDown();
        try {
            end.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
