<?php
/*
 * Schedules a pin, then shows how it goes. The page may be reloaded as often as one likes: Pintempo is asked with
 * the ETag of what is known, and answers 304 without a body while that is still true.
 */

declare(strict_types=1);

use Pintempo\ApiError;
use Pintempo\Client;
use Pintempo\Schedule;
use Pintempo\ScheduleNew;

require __DIR__ . '/Pintempo.php';
$settings = require __DIR__ . '/settings.php';
$pintempo = new Client($settings['url'], $settings['key']);
session_start();

function h(?string $text): string
{
    return htmlspecialchars($text ?? '', ENT_QUOTES | ENT_SUBSTITUTE);
}

/** The schedule, and whether it has changed since the page was shown last. */
function look(Client $pintempo, string $id): array
{
    $known = $_SESSION['schedules'][$id] ?? null;
    $fresh = $pintempo->schedulesGet($id, ifNoneMatch: $known['etag'] ?? null);
    if ($fresh !== null) {
        $_SESSION['schedules'][$id] = ['etag' => $pintempo->etag(), 'schedule' => $fresh];
    }
    return [$fresh ?? $known['schedule'], $fresh !== null];
}

$error = null;
$schedule = null;
try {
    if ($_SERVER['REQUEST_METHOD'] === 'POST') {
        $made = $pintempo->schedulesCreate(new ScheduleNew(
            account_id: $settings['account'],
            board_id: $settings['board'],
            title: $_POST['title'],
            run_at: (new DateTimeImmutable($_POST['at']))->format(DATE_RFC3339_EXTENDED),
            image_url: $_POST['image'],
            // The same for every time this form is sent, so that a double click makes one pin.
            idempotency_key: $_POST['form'],
        ));
        header('Location: ?id=' . $made->id, true, 303);
        exit;
    }
    if (isset($_GET['id'])) {
        /** @var Schedule $schedule */
        [$schedule, $changed] = look($pintempo, $_GET['id']);
    }
} catch (ApiError $e) {
    http_response_code($e->status < 500 ? 422 : 503);
    $error = $e;
}
?>
<!DOCTYPE html>
<meta charset="utf-8">
<title>Pins</title>
<?php if ($error !== null): ?>
<p id="error"><?= h($error->getMessage()) ?> <?= h($error->remediation) ?>
<ul><?php foreach ($error->errors as $one): ?><li><?= h(implode('.', $one['loc']) . ': ' . $one['msg']) ?><?php endforeach ?></ul>
<?php endif ?>
<?php if ($schedule !== null): ?>
<h1><?= h($schedule->payload->title) ?></h1>
<p>It is <b id="status"><?= h($schedule->status) ?></b><?= $changed ? '' : ' as before' ?>, planned for <?= h($schedule->run_at) ?>.
<?php if ($schedule->waiting !== null): ?><p><?= h($schedule->waiting->message) ?><?php endif ?>
<?php if ($schedule->last_error !== null): ?><p><?= h($schedule->last_error) ?><?php endif ?>
<?php else: ?>
<form method="post">
<input type="hidden" name="form" value="<?= h(bin2hex(random_bytes(16))) ?>">
<label>Title <input name="title" maxlength="100" required></label>
<label>Image <input name="image" type="url" required></label>
<label>At <input name="at" value="<?= h(date(DATE_ATOM, time() + 3600)) ?>"></label>
<button>Schedule</button>
</form>
<?php endif ?>
