<?php
/*
 * Pintempo's client for PHP 8.1 or newer with the extension curl. Made when that Pintempo was built, from its own
 * table of routes: take it from the instance that it is for, GET /docs/Pintempo.php.
 *
 *     $pintempo = new Pintempo\Client('https://pins.example.com', $key);
 *     $schedule = $pintempo->schedulesCreate(new Pintempo\ScheduleNew(account_id: ..., run_at: ..., ...));
 *     $event = Pintempo\Event::read(file_get_contents('php://input'), getallheaders(), $secret);
 */

declare(strict_types=1);

namespace Pintempo;

/** What Pintempo refused, or could not do. */
final class ApiError extends \RuntimeException
{
    /** @param list<array{loc: list<string|int>, msg: string}> $errors wrong fields */
    public function __construct(
        public readonly int $status,
        public readonly string $errorCode,
        string $message,
        public readonly ?string $remediation = null,
        public readonly array $errors = [],
        public readonly ?int $retryAfter = null,
        public readonly ?string $requestId = null,
    ) {
        parent::__construct("$status $errorCode: $message");
    }
}

/** No answer came: what was asked may have been done. Repeat it with the same idempotency key. */
final class NoAnswer extends \RuntimeException
{
}

/** How requests are sent. The methods of Client, below, say which there are. */
abstract class Transport
{
    /** @var array<string, string> headers of the last answer, by names in lower case */
    public array $headers = [];
    public int $status = 0;

    /** @param string $credential an API key or a session token */
    public function __construct(
        private readonly string $url,
        private readonly string $credential,
        private readonly float $timeout = 60.0,
    ) {
    }

    /** The ETag of the last answer, for the same call's $ifNoneMatch. */
    public function etag(): ?string
    {
        return $this->headers['etag'] ?? null;
    }

    /** The query of the next page of the last list, for its cursor and filters; null: it was the last one. */
    public function next(): ?array
    {
        if (!preg_match('/<\?([^>]*)>; rel="next"/', $this->headers['link'] ?? '', $found)) {
            return null;
        }
        parse_str($found[1], $query);
        return $query;
    }

    /**
     * @param array<string, mixed> $query
     * @param array<string, ?string> $head
     * @return mixed the JSON, or null: there is none, or nothing has changed
     */
    protected function send(string $method, string $path, array $query = [], mixed $body = null, array $head = [], ?string $file = null): mixed
    {
        $parts = [];
        foreach ($query as $name => $value) {
            foreach (is_array($value) ? $value : [$value] as $one) {
                if ($one !== null) {
                    $parts[] = $name . '=' . rawurlencode(is_bool($one) ? ($one ? 'true' : 'false') : (string) $one);
                }
            }
        }
        $lines = ['Authorization: Bearer ' . $this->credential, 'Accept: application/json', 'Expect:'];
        foreach ($head as $name => $value) {
            if ($value !== null) {
                $lines[] = "$name: $value";
            }
        }
        $curl = curl_init($this->url . $path . ($parts ? '?' . implode('&', $parts) : ''));
        $this->headers = [];
        curl_setopt_array($curl, [
            CURLOPT_CUSTOMREQUEST => $method,
            CURLOPT_RETURNTRANSFER => true,
            CURLOPT_TIMEOUT_MS => (int) ($this->timeout * 1000),
            CURLOPT_HEADERFUNCTION => function ($curl, string $line): int {
                if (str_contains($line, ':')) {
                    [$name, $value] = explode(':', $line, 2);
                    $this->headers[strtolower($name)] = trim($value);
                }
                return strlen($line);
            },
        ]);
        if ($file !== null) {
            $form = array_filter((array) $body, fn ($v) => $v !== null);
            $form['file'] = new \CURLStringFile($file, 'rows.csv', 'text/csv');
            curl_setopt($curl, CURLOPT_POSTFIELDS, $form);
        } elseif ($body !== null) {
            $lines[] = 'Content-Type: application/json';
            curl_setopt($curl, CURLOPT_POSTFIELDS, json_encode($body, JSON_THROW_ON_ERROR | JSON_UNESCAPED_SLASHES));
        }
        curl_setopt($curl, CURLOPT_HTTPHEADER, $lines);
        $text = curl_exec($curl);
        if ($text === false) {
            throw new NoAnswer(curl_error($curl));
        }
        $this->status = curl_getinfo($curl, CURLINFO_RESPONSE_CODE);
        if ($this->status >= 400) {
            throw $this->refusal($text);
        }
        $json = str_contains($this->headers['content-type'] ?? '', 'json');
        return $text === '' ? null : ($json ? json_decode($text, true, 64, JSON_THROW_ON_ERROR) : $text);
    }

    private function refusal(string $text): ApiError
    {
        $body = json_decode($text, true);
        $error = is_array($body) ? $body['error'] ?? [] : [];
        return new ApiError(
            $this->status,
            $error['code'] ?? 'unknown',
            $error['message'] ?? substr($text, 0, 200),
            $error['remediation'] ?? null,
            $error['errors'] ?? [],
            isset($this->headers['retry-after']) ? (int) $this->headers['retry-after'] : null,
            $error['request_id'] ?? null,
        );
    }
}

/** A webhook that Pintempo sent. */
final class Event
{
    private function __construct(public readonly string $id, public readonly string $type, public readonly object $body)
    {
    }

    /**
     * Checks the signature (Standard Webhooks) of the raw body and reads it. Deliveries may repeat: remember the id.
     *
     * @param array<string, string> $headers as getallheaders() gives them
     * @param int $tolerance seconds that sender and receiver may differ
     * @throws \UnexpectedValueException if it is not genuine
     */
    public static function read(string $body, array $headers, string $secret, int $tolerance = 300): self
    {
        $head = array_change_key_case($headers);
        [$id, $at, $signed] = [$head['webhook-id'] ?? '', $head['webhook-timestamp'] ?? '', $head['webhook-signature'] ?? ''];
        if (!ctype_digit($at) || abs(time() - (int) $at) > $tolerance) {
            throw new \UnexpectedValueException('too old, or without a time');
        }
        $key = str_starts_with($secret, 'whsec_') ? base64_decode(substr($secret, 6)) : $secret;
        $want = 'v1,' . base64_encode(hash_hmac('sha256', "$id.$at.$body", $key, true));
        foreach (explode(' ', $signed) as $one) {
            if (hash_equals($want, $one)) {
                $value = json_decode($body, true, 64, JSON_THROW_ON_ERROR);
                return new self($id, $value['type'], event_body($value));
            }
        }
        throw new \UnexpectedValueException('not signed with this secret');
    }
}
