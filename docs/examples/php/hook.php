<?php
/*
 * Takes the webhooks of Pintempo. What is not signed with the secret is refused; an event that comes twice is
 * noted once. Answer at once, and work afterwards.
 */

declare(strict_types=1);

use Pintempo\Event;

require __DIR__ . '/Pintempo.php';
$settings = require __DIR__ . '/settings.php';

try {
    $event = Event::read(file_get_contents('php://input'), getallheaders(), $settings['secret']);
} catch (UnexpectedValueException | JsonException $e) {
    http_response_code(400);
    exit($e->getMessage());
}
$file = @fopen($settings['seen'] . '/' . hash('sha256', $event->id), 'x');
if ($file !== false) {
    /** @var Pintempo\PinEvent $pin */
    $pin = $event->body;
    fwrite($file, "$event->type $pin->pin_id $pin->pinterest_pin_id\n");
}
http_response_code(204);
