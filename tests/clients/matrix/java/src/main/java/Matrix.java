import com.squareup.moshi.JsonAdapter;
import com.squareup.moshi.Moshi;
import com.stytch.java.b2b.StytchB2BClient;
import com.stytch.java.common.InstantAdapter;
import com.stytch.java.common.OptionalClientConfig;
import com.stytch.java.common.StytchException;
import com.stytch.java.common.StytchResult;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** The official Java client, driven by lines of JSON: one call a line, one answer a line (clients.mjs). */
public final class Matrix {
    private static final Moshi MOSHI = new Moshi.Builder().add(new InstantAdapter()).build();
    private static final JsonAdapter<Object> ANY = MOSHI.adapter(Object.class);

    public static void main(String[] arguments) throws Exception {
        StytchB2BClient known = client(System.getenv("SECRET"));
        StytchB2BClient nobody = client("secret-test-nobody");
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            Map<?, ?> ask = (Map<?, ?>) ANY.fromJson(line);
            StytchB2BClient client = Boolean.TRUE.equals(ask.get("known")) ? known : nobody;
            out.println(answered(client, (String) ask.get("call"), ANY.toJson(ask.get("arguments"))));
        }
        System.exit(0);
    }

    private static StytchB2BClient client(String secret) {
        String base = System.getenv("BASE");
        return new StytchB2BClient(System.getenv("PROJECT_ID"), secret, new OptionalClientConfig(base, base));
    }

    private static String answered(StytchB2BClient client, String call, String arguments) {
        try {
            Object result = called(client, call, arguments);
            if (result instanceof StytchResult.Success<?> success) {
                return "{\"answer\":" + json(success.getValue()) + "}";
            }
            StytchException exception = ((StytchResult.Error) result).getException();
            if (exception instanceof StytchException.Response) {
                return "{\"refusal\":" + json(exception.getReason()) + "}";
            }
            return fault(String.valueOf(exception.getReason()));
        } catch (Exception error) {
            return fault(String.valueOf(error));
        }
    }

    /** The method that gives a future, with the request that its arguments are. */
    private static Object called(Object client, String call, String arguments) throws Exception {
        String[] parts = call.split("\\.");
        Object target = client;
        for (String part : Arrays.copyOf(parts, parts.length - 1)) {
            String getter = "get" + Character.toUpperCase(part.charAt(0)) + part.substring(1);
            target = target.getClass().getMethod(getter).invoke(target);
        }
        Method method = named(target, parts[parts.length - 1] + "Completable");
        Object[] values = new Object[method.getParameterCount()];
        values[0] = MOSHI.adapter(method.getParameterTypes()[0]).fromJson(arguments);
        return ((CompletableFuture<?>) method.invoke(target, values)).get();
    }

    private static Method named(Object target, String name) throws NoSuchMethodException {
        for (Class<?> type : target.getClass().getInterfaces()) {
            for (Method method : type.getMethods()) {
                if (method.getName().equals(name)) {
                    return method;
                }
            }
        }
        throw new NoSuchMethodException("there is no method " + name);
    }

    @SuppressWarnings("unchecked")
    private static String json(Object value) {
        return ((JsonAdapter<Object>) MOSHI.adapter((Class<?>) value.getClass())).toJson(value);
    }

    private static String fault(String text) {
        return "{\"fault\":" + ANY.toJson(text) + "}";
    }
}
