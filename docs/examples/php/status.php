<?php
/*
 * A page that follows a schedule by itself, without a key in the browser: it gets a token that reads this one
 * schedule for a quarter of an hour. The operator allows the page's origin in [app] cors_origins.
 */

declare(strict_types=1);

use Pintempo\Client;
use Pintempo\StatusTokenNew;

require __DIR__ . '/Pintempo.php';
$settings = require __DIR__ . '/settings.php';
$pintempo = new Client($settings['url'], $settings['key']);
// Here a shop looks whether this visitor may see this schedule.
$made = $pintempo->statusTokensCreate(new StatusTokenNew(schedules: [$_GET['id']], expires_in_seconds: 900));
?>
<!DOCTYPE html>
<meta charset="utf-8">
<title>Pin</title>
<body data-url="<?= htmlspecialchars($settings['url']) ?>" data-token="<?= htmlspecialchars($made->token) ?>">
<p>It is <b id="status">being looked up</b>. <span id="error"></span>
<script src="poll.js"></script>
